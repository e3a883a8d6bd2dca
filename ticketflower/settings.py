"""Django settings. Secrets and local values come from the environment (see .env.example).

`SITE_URL` selects the mode. An https address means production: secure cookies, HSTS, redirects to
https, and a required SECRET_KEY. An http address means a site that only this machine can reach.
"""

from pathlib import Path
from urllib.parse import urlsplit

import csp.constants as csp
import django
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ticketflower import environment
from ticketflower.development_secret import development_key, development_secret
from ticketflower.logs import configure_structlog, logging_config

BASE_DIR: Path = environment.BASE_DIR
environment.load_env_file()

# --- Addresses and secrets ---------------------------------------------------------
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
_SITE = urlsplit(SITE_URL)
if _SITE.scheme not in {"http", "https"} or not _SITE.hostname:
    raise ImproperlyConfigured(f"SITE_URL must be an http or https address, not {SITE_URL!r}")
IS_PRODUCTION = _SITE.scheme == "https"

DEBUG = environment.flag("DEBUG")
if DEBUG and IS_PRODUCTION:
    raise ImproperlyConfigured("DEBUG reveals internals to visitors; turn it off for an https SITE_URL")
ACTIONS_ALLOW_LOOPBACK = environment.flag("ACTIONS_ALLOW_LOOPBACK")
if ACTIONS_ALLOW_LOOPBACK and IS_PRODUCTION:
    raise ImproperlyConfigured(
        "ACTIONS_ALLOW_LOOPBACK lets companies call this machine: for development only"
    )
if IS_PRODUCTION and environment.text("DB_PASSWORD") == "development-site":
    raise ImproperlyConfigured("DB_PASSWORD is that of .env.example, which everybody knows; choose another")

SECRET_KEY = environment.text("DJANGO_SECRET_KEY") or environment.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ENCRYPTION_KEYS = environment.keys("ENCRYPTION_KEYS")  # ticketflower/encryption.py
if IS_PRODUCTION and not (SECRET_KEY and ENCRYPTION_KEYS):
    raise ImproperlyConfigured("DJANGO_SECRET_KEY and ENCRYPTION_KEYS must be set: see docs/operations.md")
SECRET_KEY = SECRET_KEY or development_secret(BASE_DIR / "var")
ENCRYPTION_KEYS = ENCRYPTION_KEYS or [development_key(SECRET_KEY)]

ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or [_SITE.hostname]
if not IS_PRODUCTION:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_SITE.scheme}://{_SITE.netloc}"]

# --- Apps, middleware and templates ------------------------------------------------
ROOT_URLCONF = "ticketflower.urls"
WSGI_APPLICATION = "ticketflower.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Our apps come first, so that their commands and templates override those of the packages.
    "ticketflower.tenancy",
    "users",
    "workflow_design",
    "workflow_ops",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "ticketflower.apps.StaffAdminConfig",
    "pgtrigger",
    "procrastinate.contrib.django",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_cotton.apps.SimpleAppConfig",  # TEMPLATES names its loader and its tags
    "django.forms",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "heroicons",
    "js_lib_bootstrap5",
]

_TIMING = ["ticketflower.development.server_timing.server_timing_middleware"]
MIDDLEWARE = [
    *([] if IS_PRODUCTION else _TIMING),
    "django.middleware.security.SecurityMiddleware",
    "ticketflower.static_files.StaticFilesMiddleware",
    "ticketflower.http.LogMiddleware",
    "ticketflower.http.compression_middleware",
    "ticketflower.http.policy_middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "users.sessions.PersonMiddleware",
    "users.sessions.CompanyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ticketflower.http.wrong_method_middleware",
]

NAVIGATION = [
    "workflow_ops.navigation.groups",
    "workflow_design.navigation.entries",
    "users.navigation.groups",
]

FORM_RENDERER = "ticketflower.form_drawing.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["ticketflower.template_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ticketflower.navigation.navigation",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "ticketflower.template_tags",
                "ticketflower.form_tags",
                "ticketflower.part_tags",
                "ticketflower.row_tags",
                "ticketflower.frame_tags",
            ],
        },
    },
]
# <c-name … /> renders templates/components/name.html with its attributes and context processors' names.
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database ----------------------------------------------------------------------
# The site connects as DB_USER, which row-level security restricts. Only `migrate` and the setup of
# the tests connect as DB_OWNER_USER (docs/security.md).
DATABASES = {
    "default": {
        "ENGINE": "ticketflower.tenancy.postgresql",
        "NAME": environment.text("DB_NAME", "ticketflower"),
        "USER": environment.text("DB_USER", "ticketflower_site"),
        "PASSWORD": environment.text("DB_PASSWORD"),
        "HOST": environment.text("DB_HOST", "127.0.0.1"),
        "PORT": environment.text("DB_PORT"),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": environment.number("DB_CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 5,
            "application_name": "ticketflower",
            # A connection that the network drops silently is closed after about a minute.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,  # milliseconds
        },
    }
}
DATABASE_SITE_USER = DATABASES["default"]["USER"]
DATABASE_OWNER = {
    "USER": environment.text("DB_OWNER_USER"),
    "PASSWORD": environment.text("DB_OWNER_PASSWORD"),
}

# --- People ------------------------------------------------------------------------
AUTH_USER_MODEL = "users.CustomUser"
AUTHENTICATION_BACKENDS = ["users.authentication.EmailBackend"]
IMPRINT, PRIVACY = environment.text("IMPRINT"), environment.text("PRIVACY")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "user_dashboard"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["users.authentication.PasswordHasher"]
_VALIDATORS = ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"} for name in _VALIDATORS
]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
INVITATION_DAYS = 7

SESSION_ENGINE = "users.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

PROXY_COUNT = environment.number("PROXY_COUNT", default=0)
LIMITS = environment.numbers(
    "LIMITS",  # docs/security.md, "Limits"
    LINKS_TO_ADDRESS=3,
    RESET_MAILS_FROM_PLACE=20,
    INVITATIONS_OF_COMPANY=200,
    INVITATIONS_OF_SMALL_COMPANY=50,
    INVITATIONS_TO_ADDRESS=5,
    ADDRESS_CHANGES_OF_COMPANY=50,
    MESSAGES_OF_COMPANY=1000,
    SIGN_UPS_FROM_PLACE=5,
    FAILED_LOG_INS_OF_ACCOUNT=5,
    FAILED_LOG_INS_FROM_PLACE=100,
    WRONG_OLD_PASSWORDS=5,
    CALLBACKS_OF_TASK=60,
    REQUESTS_OF_TOKEN=600,
    FILES_OF_COMPANY_MB=5 * 1024,
    FILES_OF_FORM_MB=25,
)

# --- Jobs --------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["ticketflower.jobs", "workflow_ops.notifications.webhooks.jobs"]
PROCRASTINATE_ON_APP_READY = "ticketflower.worker.prepare"

# --- Texts and times ---------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"

# --- Files -------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",  # for forms of 2.5 MB
    "ticketflower.uploads.CappedUploadHandler",
]
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(BASE_DIR / "var" / "files")))
# Extensions of files that people may attach, if not the default ones; docs/operations.md, "Files".
FILE_TYPES = environment.words("FILE_TYPES")
# Dotted path to a function that returns whether an uploaded file is free of viruses; "" for none.
FILE_SCANNER = environment.text("FILE_SCANNER")

# --- E-mail ------------------------------------------------------------------------
_MAIL_SERVER = {
    "host": environment.text("EMAIL_HOST"),
    "port": environment.number("EMAIL_PORT", default=587),
    "username": environment.text("EMAIL_HOST_USER"),
    "password": environment.text("EMAIL_HOST_PASSWORD"),
    "use_tls": environment.flag("EMAIL_USE_TLS", default=True),
    "timeout": 20,
}
_SMTP, _CONSOLE = "django.core.mail.backends.smtp.EmailBackend", "ticketflower.console_mail.EmailBackend"
_MAIL_BACKEND = _SMTP if _MAIL_SERVER["host"] else _CONSOLE
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _MAIL_BACKEND, "OPTIONS": _MAIL_SERVER if _MAIL_SERVER["host"] else {}}}
else:  # settings for earlier versions of Django
    EMAIL_BACKEND = _MAIL_BACKEND
    EMAIL_HOST, EMAIL_PORT = _MAIL_SERVER["host"], _MAIL_SERVER["port"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL_SERVER["username"], _MAIL_SERVER["password"]
    EMAIL_USE_TLS, EMAIL_TIMEOUT = _MAIL_SERVER["use_tls"], _MAIL_SERVER["timeout"]
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"TicketFlower <no-reply@{_SITE.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Browser security --------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]
if environment.flag("BEHIND_HTTPS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "users.unsent_forms.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **dict.fromkeys(("default-src", "base-uri", "frame-ancestors"), (csp.NONE,)),
        **dict.fromkeys(("script-src", "style-src", "font-src", "connect-src", "form-action"), (csp.SELF,)),
        "img-src": [csp.SELF, "data:"],  # Bootstrap's CSS contains icons as data: URLs
    }
}

# --- Logs --------------------------------------------------------------------------
LOGGING = logging_config(environment.text("LOG_LEVEL", "INFO"), as_json=IS_PRODUCTION)
configure_structlog()
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: usually one line per download, about its end

# A constraint on lower(email) makes log-in names unique, but this check does not recognize it.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
