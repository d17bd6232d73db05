LC_ALL=C TZ=UTC zfs receive -s -u 'old pool/new' <full
