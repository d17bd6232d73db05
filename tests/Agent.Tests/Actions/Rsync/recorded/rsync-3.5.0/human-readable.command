LC_ALL=C rsync -a -s --stats --outbuf=L --info=progress2 -- src/ dst4/
