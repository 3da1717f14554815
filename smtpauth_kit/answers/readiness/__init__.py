"""Who breaks when Basic auth or old TLS goes: readiness, and what becomes of it week by week."""
