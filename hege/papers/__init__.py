"""Papers a street hands out (文书): drawn from the books, looked at, frozen when issued, checked by anybody who holds one."""
