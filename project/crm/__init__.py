"""The bank's customers, what they hold, what was said and ordered: a host that would exist without crm_assist."""
