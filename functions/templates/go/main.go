// Serves function.Handle over HTTP, on 127.0.0.1:$PORT, and finishes what runs when it is told to end.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"handler/function"
)

const finish = 25 * time.Second

func main() {
	server := &http.Server{
		Addr:              net.JoinHostPort("127.0.0.1", os.Getenv("PORT")),
		Handler:           http.HandlerFunc(function.Handle),
		ReadHeaderTimeout: 30 * time.Second,
	}
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		<-told.Done()
		limit, cancel := context.WithTimeout(context.Background(), finish)
		defer cancel()
		if err := server.Shutdown(limit); err != nil {
			log.Print("not all calls were finished: ", err)
		}
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-finished
}
