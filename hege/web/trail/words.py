"""What the trail's verbs and things are called by people. A verb that has no word yet is shown as it is written."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.rules import LineKind

#: Verbs of the timeline of cases say themselves what they are.
VERBS: dict[str, str | Promise] = {
    **{kind.value: kind.label for kind in LineKind},
    # people
    "signed_in": _("登录"),
    "found_street": _("设立街道"),
    "grant_role": _("授予岗位"),
    "prove_trail": _("核对留痕"),
    # places, meters
    "add_place": _("添加片区"),
    "register_unit": _("登记商铺"),
    "register_units": _("登记一批商铺"),
    "amend_unit": _("改商铺资料"),
    "amend_tenancy": _("改租户资料"),
    "move_in": _("租户入驻"),
    "move_in_all": _("一批租户入驻"),
    "move_out": _("租户退租"),
    "renew_unit_link": _("换二维码"),
    "open_supply_point": _("建总表户头"),
    "locate_point": _("定总表位置"),
    "name_role": _("登记户名、代收人"),
    "install_meter": _("装表"),
    "install_meters": _("装一批表"),
    "amend_meter": _("改水表资料"),
    "remove_meter": _("拆表"),
    "link_sub_meters": _("分表归户"),
    "await_sub_meter": _("等装分表"),
    "connect": _("接到总表"),
    "connect_all": _("一批商铺接到总表"),
    "record_readings": _("抄表"),
    "correct_reading": _("更正读数"),
    # money
    "open_book": _("开账"),
    "reach_back": _("补记早先的账"),
    "choose_method": _("定分摊方式"),
    "issue_bills": _("登账单"),
    "share_bill": _("分摊账单"),
    "replace_allocation": _("重新分摊"),
    "take_payments": _("记收付款"),
    "acknowledge": _("承认欠缴"),
    "assert_balances": _("记第三方余额"),
    "state_evidence": _("记证据"),
    "reverse": _("冲销"),
    "import_file": _("导入文件"),
    "export_shops": _("导出商铺账"),
    # warnings and cut-off
    "set_threshold": _("改阈值"),
    "record_warnings": _("每日预警"),
    "acknowledge_warning": _("预警已阅"),
    "raise_report": _("预警转来件"),
    "demand_payment": _("催缴"),
    "give_notice": _("停水通知"),
    "defer_cutoff": _("暂缓停水"),
    "fulfil_condition": _("暂缓条件达成"),
    "meet_condition": _("账上达成暂缓条件"),
    "unmeet_condition": _("账上的达成已被冲销"),
    "renew_deferral": _("暂缓续期"),
    "keep_by_agreement": _("协议维持暂缓"),
    "lapse_deferral": _("暂缓失效"),
    "clear_deferral": _("解除暂缓"),
    "clear_notice": _("停水程序结清"),
    "withdraw_notice": _("撤回停水程序"),
    "cut_water": _("停水"),
    "restore_water": _("恢复供水"),
    # reports, links
    "submit_report": _("登记来件"),
    "begin_verifying": _("开始核实"),
    "verify_report": _("受理来件"),
    "reject_report": _("不予受理"),
    "withdraw_report": _("撤回来件"),
    "merge_report": _("并案"),
    "unmerge_report": _("拆案"),
    "look_up_reporter": _("查看反映人"),
    "record_visit": _("走访"),
    "make_link": _("发外部链接"),
    "revoke_link": _("作废外部链接"),
    "open_link": _("外部打开链接"),
    # conferences
    "propose_conference": _("提议联席会议"),
    "call_conference": _("召集联席会议"),
    "invite": _("邀请参会"),
    "hold_conference": _("登记到会"),
    "cancel_conference": _("取消联席会议"),
    "record_decision": _("登记议定事项"),
    "sign_minutes": _("签发纪要"),
    "fulfil_decision": _("反馈议定事项"),
    "confirm_decision": _("确认议定事项"),
    "send_back_decision": _("退回议定事项"),
    "cancel_decision": _("取消议定事项"),
    # mediation
    "open_file": _("受理调解"),
    "tell_rights": _("告知权利义务"),
    "record_session": _("调解记录"),
    "file_document": _("归入文书"),
    "fail": _("调解不成"),
    "terminate": _("终止调解"),
    "withdraw": _("撤回调解申请"),
    "archive": _("卷宗归档"),
    "sign_agreement": _("签调解协议"),
    "apply_for_confirmation": _("申请司法确认"),
    "record_confirmation": _("司法确认结果"),
    "mark_breached": _("登记违约"),
    "mark_performed": _("登记履行完毕"),
    "restate_agreement": _("按账更正协议状态"),
    "record_return_visit": _("调解回访"),
}

THINGS: dict[str, str | Promise] = {
    "people.user": _("人员"),
    "people.street": _("街道"),
    "people.membership": _("岗位"),
    "people.party": _("当事人"),
    "places.place": _("片区"),
    "places.unit": _("商铺"),
    "places.tenancy": _("租约"),
    "places.unitlink": _("二维码"),
    "metering.supplypoint": _("总表户头"),
    "metering.meter": _("水表"),
    "metering.connection": _("接水"),
    "metering.reading": _("读数"),
    "billing.bill": _("账单"),
    "billing.allocation": _("分摊"),
    "billing.acknowledgement": _("欠缴承认"),
    "ledger.book": _("账簿"),
    "ledger.event": _("账目"),
    "ledger.sourcefile": _("导入的文件"),
    "ledger.balanceassertion": _("第三方余额"),
    "cases.report": _("来件"),
    "cases.case": _("案件"),
    "cases.task": _("任务"),
    "cases.tasklink": _("外部链接"),
    "cases.surveyvisit": _("走访"),
    "conferences.conference": _("联席会议"),
    "conferences.decision": _("议定事项"),
    "mediation.mediationfile": _("调解卷宗"),
    "mediation.agreement": _("调解协议"),
    "arrears.threshold": _("阈值"),
    "arrears.earlywarning": _("预警"),
    "arrears.cutoffnotice": _("停水程序"),
    "arrears.deferral": _("暂缓"),
}


def verb_name(verb: str) -> str:
    """What a verb is called."""
    return str(VERBS.get(verb, verb))


def thing_name(thing: str) -> str:
    """What a kind of thing is called."""
    return str(THINGS.get(thing, thing))
