LC_ALL=C rsync -a -s --stats --no-human-readable --outbuf=L --info=progress2,del1,nonreg1 -- src/ dst2/
