"""The fields of a draft: settings, names, uses, and the pages that change them."""
