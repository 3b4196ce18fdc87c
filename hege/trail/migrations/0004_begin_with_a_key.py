from django.conf import settings
from django.db import migrations

from hege.kernel import clock
from hege.kernel.schema import Backfill
from hege.trail.rules import CHANGE_KEY, Said, line_hash


def begin(apps, editor):
    """Say on every chain that was hashed without a key that one holds from here on, with the end it had until then.

    Done here and nowhere else: a chain that has lines without key after this was written anew by somebody without one.
    """
    TrailHead, TrailLine = apps.get_model("trail", "TrailHead"), apps.get_model("trail", "TrailLine")
    key = settings.SEAL_KEY_NAME
    for head in TrailHead.objects.filter(seq__gt=0, key="").select_related("street"):
        now = clock.now()
        said = Said(
            recipe=2, key=key, previous=head.hash, street=head.street.code, seq=head.seq + 1, recorded_at=now, at=now,
            by="", on_behalf="", verb=CHANGE_KEY, thing="people.street", thing_id=str(head.street_id),
            data={"from": "", "to": key, "lines": head.seq, "head": head.hash},
        )  # fmt: skip
        kept = {name: getattr(said, name) for name in Said._fields if name not in ("street", "by")}
        line = TrailLine.objects.create(street=head.street, hash=line_hash(said, settings.SEAL_KEYS[key]), **kept)
        head.seq, head.hash, head.key, head.recorded_at = line.seq, line.hash, key, now
        head.save()


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_keys_and_instants")]

    operations = [Backfill(begin)]
