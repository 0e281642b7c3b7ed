package function

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

func Handle(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/fail":
		http.Error(w, "the function failed", http.StatusInternalServerError)
	case "/json":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"method": %q}`, r.Method)
	default:
		body, _ := io.ReadAll(r.Body)
		seen := r.Method + " " + r.URL.Path + " " + r.URL.RawQuery + " " + r.Header.Get("X-Who")
		w.Header().Set("X-Seen", seen)
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, strings.ToUpper(string(body)))
	}
}
