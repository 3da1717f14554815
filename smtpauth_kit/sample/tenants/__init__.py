"""Made-up tenants with benign life and labelled events, for judging what finds the unusual.

What is planted is described in the words of what an analyst would call an event. No formula, no
constant and no import is shared with the rules that look for it.
"""

from smtpauth_kit.sample.tenants.labels import Event, Labels, read_labels
from smtpauth_kit.sample.tenants.shape import TenantShape
from smtpauth_kit.sample.tenants.tenant import Tenant, make_tenant
from smtpauth_kit.sample.tenants.writing import Written, write_tenant

__all__ = [
    "Event", "Labels", "Tenant", "TenantShape", "Written", "make_tenant", "read_labels",
    "write_tenant",
]  # fmt: skip
