module github.com/gioconda-live/gioconda

go 1.26.8
