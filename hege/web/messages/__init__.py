"""消息: what one was told, at the bell."""
