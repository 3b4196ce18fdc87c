"""Copies of everything (备份与恢复): the database and its attachments in one file, taken from the running system.

``making`` makes a copy, ``drill`` proves one, ``restoring`` puts one back. ``bundle`` is the file's shape, ``encryption``
its lock; ``sqlite`` and ``postgresql`` are the two kinds of database. A copy holds everything, the secrets too: files are
readable for their owner only.
"""
