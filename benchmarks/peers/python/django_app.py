"""A register of clients as Django REST framework's documentation would have it."""

# ruff: noqa: E402 - Django wants its settings before its models

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=os.urandom(16).hex(),
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
            },
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "PAGE_SIZE": 1_000,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.urls import path
from rest_framework import serializers, viewsets


class Client(models.Model):
    """A row."""

    id = models.CharField(primary_key=True, max_length=36)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, null=True)
    phone = models.CharField(max_length=32, null=True)
    document = models.CharField(max_length=32, null=True, unique=True)
    notes = models.TextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    class Meta:
        """Names the table."""

        app_label = "clients"
        db_table = "clients"


class ClientSerializer(serializers.ModelSerializer[Client]):
    """What people send and are shown."""

    class Meta:
        """Names the fields."""

        model = Client
        fields = "__all__"


class ClientViewSet(viewsets.ModelViewSet[Client]):
    """The routes."""

    queryset = Client.objects.order_by("id")
    serializer_class = ClientSerializer


_all: dict[str, Any] = {"get": "list", "post": "create"}
_one: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}
urlpatterns = [
    path("clients", ClientViewSet.as_view(_all)),
    path("clients/<str:pk>", ClientViewSet.as_view(_one)),
]


def _seed(seed: Path) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Client)
    now = datetime.now(UTC)
    with seed.open() as lines:
        rows = [Client(**json.loads(line), created_at=now, updated_at=now) for line in lines]
    Client.objects.bulk_create(rows, batch_size=1_000)
    connection.close()


_seed(Path(os.environ["SEED"]))
application = get_wsgi_application()
