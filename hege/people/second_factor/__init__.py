"""What a person proves beside the password (第二重验证): one-time codes, passkeys, and recovery codes on paper."""
