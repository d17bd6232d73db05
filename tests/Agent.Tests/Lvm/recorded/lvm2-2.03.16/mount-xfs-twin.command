LC_ALL=C TZ=UTC mount -t xfs -o ro,nodev,nosuid,noexec,norecovery /dev/vg/twin /mnt/snap
