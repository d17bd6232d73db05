LC_ALL=C rsync -a --stats --no-human-readable --outbuf=L --info=progress2,del1 --bwlimit=2000 -- /srv/vanish/ /srv/vanished/
