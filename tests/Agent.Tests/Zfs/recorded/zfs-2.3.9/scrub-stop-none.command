LC_ALL=C TZ=UTC zpool scrub -s tank
