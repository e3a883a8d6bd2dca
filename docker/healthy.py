"""Docker's health check: exits with 0 if the site in this container responds."""

import os
import sys
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

# The site accepts only requests for its own host name.
request = Request("http://127.0.0.1:8000/health/", headers={"Host": urlsplit(os.environ["SITE_URL"]).netloc})
try:
    sys.exit(urlopen(request, timeout=4).status != HTTPStatus.OK)  # noqa: S310
except OSError as error:
    sys.exit(f"The site does not respond: {error}")
