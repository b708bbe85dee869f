"""A log of narrow decisions made by the database itself: many rows in little time, of many customers and agents."""

from __future__ import annotations

from benchmarks.buyers import execute

AGENTS = 1_000
PER_CUSTOMER = 10
BATCH = 500_000
TENANT = "narrow"
"""Whose they are: figures of seals and verification are about everybody else's log."""

SUBJECTS = """
INSERT INTO crm_assist_subject (tenant, model_label, key, key_int, seen_hash, created_at)
SELECT '{tenant}', 'host.Customer', g::text, g, '', now() FROM generate_series({first}, {last}) AS g
"""
DECISIONS = """
INSERT INTO crm_assist_decision (id, tenant, at, schema, digest, subject_id, agent_key, team, phase, admission, target,
  probability, card, revision, code_version, offered, slate, silence, fallback, latency_ms)
SELECT (lpad(to_hex(1780000000000 + g), 12, '0') || '7' || substr(md5(g::text), 1, 3) || '8'
    || substr(md5(g::text), 4, 15))::uuid,
  '{tenant}', timestamptz '2026-05-28 20:26:40+00' + g * interval '1 ms', 1, md5(g::text) || md5(g::text),
  {subject} + hashint8(g)::bigint % {customers}, (g % {agents})::text, 'branch ' || g % 50, 'recommend', 'admitted',
  'orders', (hashint8(g) & 65535) / 65536.0, repeat('ab', 32), 12, '0.1.0', g % 3,
  CASE g % 3 WHEN 0 THEN '' WHEN 1 THEN 'deposit' ELSE 'deposit,card' END,
  CASE g % 3 WHEN 0 THEN 'no_consent' ELSE '' END, 'live', (hashint8(g + 1) & 4095) / 100.0
FROM generate_series({first}, {last}) AS g
"""


def fill(rows: int) -> None:
    """At least so many decisions, a tenth as many customers, as if each half million were one night's import."""
    ((have,),) = execute(f"SELECT count(*) FROM crm_assist_decision WHERE tenant = '{TENANT}'")
    if have >= rows:
        return
    ((subjects,),) = execute(f"SELECT coalesce(max(key_int), 0) FROM crm_assist_subject WHERE tenant = '{TENANT}'")
    customers = rows // PER_CUSTOMER
    if customers > subjects:
        execute(SUBJECTS.format(first=subjects + 1, last=customers, tenant=TENANT))
    ((first_subject,),) = execute(f"SELECT min(id) FROM crm_assist_subject WHERE tenant = '{TENANT}'")
    # The check of each row's subject would take most of the time, and they are known to be there.
    execute("SET session_replication_role = replica")
    try:
        for first in range(have + 1, rows + 1, BATCH):
            words = {"subject": first_subject + customers // 2, "customers": customers // 2, "agents": AGENTS}
            words["tenant"] = TENANT
            execute(DECISIONS.format(first=first, last=min(first + BATCH - 1, rows), **words))
    finally:
        execute("SET session_replication_role = DEFAULT")
    execute("VACUUM ANALYZE crm_assist_decision")
    execute("VACUUM ANALYZE crm_assist_subject")
