package web

import (
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// model serves the networks that the tracker in the browser runs.
func (s *Server) model(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	if ext := path.Ext(file); strings.ContainsAny(file, `/\`) || (ext != ".onnx" && ext != ".json") {
		fail(w, http.StatusNotFound, "unknown_model", "There is no such network.")
		return
	}
	root, err := os.OpenRoot(s.ModelsDir)
	if err == nil {
		defer func() { _ = root.Close() }() // it was only read
		var f *os.File
		if f, err = root.Open(file); err == nil {
			defer func() { _ = f.Close() }()
			var st fs.FileInfo
			if st, err = f.Stat(); err == nil {
				w.Header().Set("Cache-Control", "public, max-age=3600")
				w.Header().Set("Content-Type", "application/octet-stream")
				http.ServeContent(w, r, file, st.ModTime(), f)
				return
			}
		}
	}
	fail(w, http.StatusNotFound, "unknown_model", "That network is not here; run `gioconda models build`.")
}

// client serves the built page, or says how to build it.
func (s *Server) client() http.Handler {
	files := http.FileServerFS(s.Client)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			fail(w, http.StatusNotFound, "not_found", "There is nothing at this address; see API.md.")
			return
		}
		if s.unbuilt(w, "index.html") {
			return
		}
		if !s.published(r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") { // hashed names
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.Header().Set("Vary", "Accept-Encoding")
			if s.packed(w, r) {
				return
			}
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		files.ServeHTTP(w, r)
	})
}

// published tells whether a path is a file of the page: not a folder, whose files would be listed, nor a hidden file.
func (s *Server) published(url string) bool {
	name := strings.TrimPrefix(path.Clean(url), "/")
	if name == "" || name == "index.html" {
		return true
	}
	if !fs.ValidPath(name) || !utf8.ValidString(name) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	info, err := fs.Stat(s.Client, name)
	return err == nil && info.Mode().IsRegular()
}

// unbuilt says how to build the client where a page of it is missing.
func (s *Server) unbuilt(w http.ResponseWriter, page string) bool {
	_, err := fs.Stat(s.Client, page)
	if err != nil {
		http.Error(w, "The page was not built into this program; run `make build`.", http.StatusNotFound)
	}
	return err != nil
}

// packed answers with a packed twin of an asset, if there is one that the client takes: by Brotli before gzip.
func (s *Server) packed(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Range") != "" {
		return false
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	for _, way := range [...]struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(r.Header.Get("Accept-Encoding"), way.coding) {
			continue
		}
		b, err := fs.ReadFile(s.Client, name+way.suffix)
		if err != nil {
			continue
		}
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".wasm" {
			kind = "application/wasm"
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Encoding", way.coding)
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, _ = w.Write(b) // the client went away: nothing left to tell it
		return true
	}
	return false
}

// accepts tells whether a list of codings names one and does not refuse it (RFC 9110, 12.5.3).
func accepts(list, coding string) bool {
	for item := range strings.SplitSeq(list, ",") {
		name, weight, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}
