"""What a backup of a facade's Client DB must hold: above all the writes that wait."""

from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.storage.backup import Kind
from clientela.storage.verify import in_agreement

# A replica that differs is put right by its facade; its outbox is worth keeping all the same.
KIND = Kind(APPLICATION, MIGRATIONS, in_agreement, heals=True)
