package function

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Handle answers a request.
func Handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := strings.TrimSpace(string(body))
	if name == "" {
		name = "world"
	}
	w.Header().Set("X-Language", "go")
	fmt.Fprintf(w, "Hello, %s.\n", name)
}
