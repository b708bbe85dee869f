"""Addresses of the bank's own pages."""

from __future__ import annotations

from django.urls import path

from project.crm.views import customers, home

app_name = "crm"
urlpatterns = [
    path("", home.home, name="home"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/<int:key>/", customers.customer_page, name="customer"),
    path("customers/<int:key>/contacts/", customers.add_contact, name="add_contact"),
    path("customers/<int:key>/cases/<int:case_key>/close/", customers.finish_case, name="close_case"),
]
