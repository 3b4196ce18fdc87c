"""发送通道: by what a street's messages leave, and those that did not arrive."""
