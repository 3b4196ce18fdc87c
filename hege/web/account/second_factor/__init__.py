"""The second step of the sign-in, and a person's own second factors (第二重验证)."""
