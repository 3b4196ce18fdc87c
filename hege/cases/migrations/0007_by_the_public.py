"""One more word for where a report comes from; nothing is done to the table."""

from django.db import migrations, models

from hege.kernel.schema import AtOnce


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_one_word")]

    operations = [
        AtOnce(
            renames=[
                migrations.AlterField(
                    "Report",
                    "kind",
                    models.CharField(
                        choices=[
                            ("visit", "走访摸排"), ("patrol", "网格巡查"), ("warning", "预警"), ("shop", "商铺上报"),
                            ("hotline", "12345 热线"), ("public", "公众上报"),
                        ],
                        max_length=8,
                    ),
                )
            ]
        )
    ]
