"""Privacy classes (个人信息分级): what every field of every row is, and what is held on a person."""
