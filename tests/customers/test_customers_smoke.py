from datetime import UTC, datetime
import pytest
from crm_assist import customers
from crm_assist.types import Principal
from tests.hosts.shapes.models import *
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import *

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_all() -> None:
    objs = [
        Person.objects.create(name="a", created=NOW),
        Policy.objects.create(number="P/1 é"),
        Seat.objects.create(row="A", number=3),
        Dossier.objects.create(),
        Client.objects.create(name="x"),
    ]
    boss = Principal(key="1", is_superuser=True)
    for obj in objs:
        ad = customers.adapter_for(type(obj))
        key = customers.key_of(obj)
        print(key)
        assert customers.resolve(boss, ad.model_label, key) == obj
        s = customers.subject_for(model_label=ad.model_label, key=key, tenant="", now=NOW)
        assert s.pk == customers.subject_for(model_label=ad.model_label, key=key, tenant="", now=NOW).pk
        steps = list(customers.sweep(ad, now=NOW, chunk=1))
        assert [x.changed for x in steps] == [(key,)]
        assert [x.changed for x in customers.sweep(ad, now=NOW)] == [()]
        assert list(customers.load(ad, [key, "zzz"])) == [key]
        for bad in ["zzz", "", "1" * 400, "1" * 30, "\x00", " 1", "01", "[1,2]", "[]", "{}"]:
            with pytest.raises(customers.CustomerNotFound):
                customers.resolve(boss, ad.model_label, bad)
        type(obj).objects.all().delete()
        assert [x.gone for x in customers.sweep(ad, now=NOW)] == [(key,)]
        assert list(customers.sweep(ad, now=NOW)) == []
