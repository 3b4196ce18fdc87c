"""Adding, proving and ending second factors (第二重验证). Here for the same reason as ``places.staff``: the trail is above people."""
