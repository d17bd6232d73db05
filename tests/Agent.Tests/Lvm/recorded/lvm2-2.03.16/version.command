LC_ALL=C TZ=UTC lvm version
