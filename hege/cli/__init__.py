"""Commands (命令): thin Django management commands under the name `hege`."""
