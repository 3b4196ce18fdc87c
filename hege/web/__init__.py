"""Pages (页面): urls, views, forms, templates, components."""
