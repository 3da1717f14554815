"""Custom data of a trace: every name that is asked for is found, however it is written."""

from __future__ import annotations

from depth import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_kit.formats import extended_trace as trace


def named_one_by_one(custom_data: str, name: str) -> str:
    """Return what stands behind a name, looked for part by part: what is meant."""
    for part in custom_data.split(";"):
        bare = part.lstrip()
        if bare[: len(name)].lower() == name:
            return bare[len(name) :]
    return ""


@settings(max_examples=tries(300))
@given(
    parts=st.lists(
        st.builds(
            "".join,
            st.lists(
                st.sampled_from(
                    (
                        "S:tlsversion=", "s:TLSVersion=", "S:tlscipher=", "S:ProxiedClientIPAddress=",
                        "S:t\u0130sversion=", "S:proxied\u212alientipaddress=", "S:x", "=", " ", "\u00a0",
                        "SP_PROT_TLS1_2_SERVER", "1.2.3.4", "s:tlsversion", "\n",
                    )
                ),
                max_size=4,
            ),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_all_names_of_custom_data_are_found_as_one_by_one(parts):
    custom = ";".join(parts)
    for name in (trace.TLS_VERSION, trace.TLS_CIPHER, trace.PROXIED_IP):
        assert trace._named(custom, name) == named_one_by_one(custom, name)
