LC_ALL=C TZ=UTC zpool scrub -p tank
