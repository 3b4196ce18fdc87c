"""Settings. A fresh clone runs with none; production refuses unsafe values with a sentence that says what to do.

Environment: HEGE_ENV (development | production), HEGE_DATABASE_URL, HEGE_SECRET_KEY, HEGE_ALLOWED_HOSTS (comma
separated), HEGE_PROXIES (how many trusted proxies stand in front; 0 = none), HEGE_HTTPS (production only: on | off).
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

ENV = env.str("HEGE_ENV", "development")
if ENV not in ("development", "production"):
    raise ImproperlyConfigured(f"HEGE_ENV is {ENV!r}: set it to 'development' or 'production'.")
PRODUCTION = ENV == "production"
DEBUG = False  # Pages of ours explain themselves; a debug page would show secrets. Errors go to the console.


# -- the three values an office must choose itself ---------------------------------------------------------------------


def _secret_key() -> str:
    key: str = env.str("HEGE_SECRET_KEY", "")
    if not PRODUCTION:
        return key or "development-only-" + "0" * 40
    if len(key) < 50 or len(set(key)) < 10 or key.startswith(("development-only-", "django-insecure-")):
        raise ImproperlyConfigured(
            "HEGE_SECRET_KEY is missing or weak: set it to 50 or more random characters and keep it secret; "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' makes one."
        )
    return key


def _allowed_hosts() -> list[str]:
    hosts = [host.strip() for host in env.list("HEGE_ALLOWED_HOSTS", default=[]) if host.strip()]
    if not PRODUCTION:
        return hosts or ["127.0.0.1", "localhost", "[::1]", "testserver"]
    if not hosts or any("*" in host for host in hosts):
        raise ImproperlyConfigured(
            "HEGE_ALLOWED_HOSTS is empty or holds '*': set it to the names people type to reach Hege, "
            "separated by commas, for example HEGE_ALLOWED_HOSTS=hege.example.gov.cn."
        )
    return hosts


def _database() -> dict[str, Any]:
    """SQLite beside the code unless HEGE_DATABASE_URL names a database."""
    url = env.str("HEGE_DATABASE_URL", "")
    if not url:
        if PRODUCTION:
            raise ImproperlyConfigured(
                "HEGE_DATABASE_URL is missing: set it to postgres://USER:PASSWORD@HOST:5432/NAME, or, for one small "
                "street on one machine, to sqlite:////var/lib/hege/hege.sqlite3."
            )
        VAR_DIR.mkdir(exist_ok=True)
        url = f"sqlite:///{VAR_DIR / 'hege.sqlite3'}"
    database: dict[str, Any] = environ.Env.db_url_config(url)
    match database["ENGINE"]:
        case "django.db.backends.sqlite3":
            if PRODUCTION and database["NAME"] in ("", ":memory:"):
                raise ImproperlyConfigured(
                    "HEGE_DATABASE_URL names a database in memory, which forgets everything: name a file, "
                    "for example sqlite:////var/lib/hege/hege.sqlite3."
                )
            database["OPTIONS"] = {
                # A write transaction takes the lock when it begins: what it reads cannot change under it.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # recursive_triggers: INSERT OR REPLACE deletes, and is refused where deleting is.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
                "PRAGMA recursive_triggers=ON",
            }
            # A file, not memory: threads and two processes see one database, as in production.
            database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
        case "django.db.backends.postgresql":
            if PRODUCTION and database.get("PASSWORD") in ("", "postgres", "hege", "password"):
                host = str(database.get("HOST") or "")
                if host and not host.startswith(("/", "%2F")):  # a local socket may do without a password
                    raise ImproperlyConfigured(
                        "HEGE_DATABASE_URL has no password or one that anybody guesses: give the database user a "
                        "random one (ALTER USER ... PASSWORD ...) and write it into HEGE_DATABASE_URL."
                    )
            database["CONN_MAX_AGE"] = None
            database["CONN_HEALTH_CHECKS"] = True
        case engine:
            raise ImproperlyConfigured(
                f"HEGE_DATABASE_URL names {engine!r}: Hege runs on SQLite (sqlite:////path/file) "
                "or PostgreSQL (postgres://USER:PASSWORD@HOST:5432/NAME)."
            )
    return database


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _allowed_hosts()
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- what it is made of ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "hege.cli",  # first: its `check` stands in for Django's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "hege.people",
    "hege.trail",
    "hege.places",
    "hege.ledger",
    "hege.metering",
    "hege.billing",
    "hege.cases",
    "hege.conferences",
    "hege.mediation",
    "hege.arrears",
    "hege.imports",
    "hege.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hege.web.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hege.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hege.web.middleware.DatabaseAwayMiddleware",
    "hege.web.body.BodyMiddleware",  # before anything that looks into a form
    "hege.web.middleware.CleanTextMiddleware",
    "hege.web.refusals.RefusalsMiddleware",
    "hege.web.once.OnceMiddleware",
    "hege.web.middleware.ReadOnlyGetMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a sign-in that was locked out
]

ROOT_URLCONF = "hege.urls"
WSGI_APPLICATION = "hege.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "hege" / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "hege.web.jinja.environment"},
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "APP_DIRS": True},
]

# -- people ------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "hege.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

# What locks and for how long is said in hege.web.account.lockout; here is what axes must know of it.
AXES_HANDLER = "hege.web.account.lockout.LockOut"
AXES_FAILURE_LIMIT = 1  # limits reached, of any kind
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # what a sign-in that works forgets
AXES_COOLOFF_TIME = 0.25  # hours that failures are kept: the longest time a limit looks back
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "hege.web.errors.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_SENSITIVE_PARAMETERS = ["username", "password", "old", "new", "again"]  # every password field of ours
AXES_DISABLE_ACCESS_LOG = True  # the trail records sign-ins
AXES_IPWARE_PROXY_COUNT = None
AXES_CLIENT_IP_CALLABLE = "hege.web.middleware.client_address"
AXES_VERBOSE = False

# The address is the n-th hop from the right, n counted by whoever set the proxies up; 0: the connection's own.
PROXIES = env.int("HEGE_PROXIES", 0)
if PROXIES < 0:
    raise ImproperlyConfigured("HEGE_PROXIES is below 0: set it to the number of trusted proxies in front of Hege.")

# -- language and time -------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "hege_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "hege" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- files -------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "hege" / "web" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",  # htmx, inside django-htmx
]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is collected there, but WhiteNoise warns without it
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # forms; files are counted apart and capped by hege.imports
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
BODIES_AT_ONCE = 8  # forms and files a process waits for at a time; `hege serve` gives it twice as many threads

# -- cookies and transport ---------------------------------------------------------------------------------------------

# In production everything is HTTPS; HEGE_HTTPS=off is for a trial on an inner network and `hege check` says so.
HTTPS = PRODUCTION and env.bool("HEGE_HTTPS", True)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "hege_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "hege_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "hege.web.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # sessions only hold the sign-in

# -- what is written down about errors -----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"scrub": {"()": "hege.web.scrub.ScrubTokens"}},  # links and shop codes are secrets
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["scrub"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
