"""The agreement before it is one: particulars, authority, draft, print, signatures."""
