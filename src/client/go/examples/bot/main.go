// Bot answers in a room of the application chat, until it is interrupted:
//
//	go run ./examples/bot ws://127.0.0.1:8080/ws/chat lobby
//
// It stays when its connection is lost, and logs in again where it was away for too long.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	hotroom "hotroom/client"
)

const name = "bot"

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// run answers until the context ends.
func run(ctx context.Context, address, roomName string) error {
	client, err := hotroom.Dial(ctx, address, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	events := client.Events()
	room, err := enter(ctx, client, roomName)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-events:
			if !ok {
				return client.Err()
			}
			switch event := event.(type) {
			case hotroom.Message:
				err = answer(ctx, room, event)
			case hotroom.Away:
				log.Print("away: ", event.Err)
			case hotroom.Back:
				log.Printf("back, with %d missed", event.Missed)
			case hotroom.Reset:
				log.Print("back, and something is missing in ", event.Rooms)
			case hotroom.Expired:
				log.Print("away for too long")
				room, err = enter(ctx, client, roomName)
			case hotroom.Failed:
				log.Print(event.Err)
			}
			if err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// enter logs in and joins the room.
func enter(ctx context.Context, client *hotroom.Client, roomName string) (*hotroom.Room, error) {
	_, err := client.Login(ctx, map[string]string{"name": name})
	for errors.Is(err, hotroom.NameTaken) && ctx.Err() == nil {
		// Whoever ran as the bot before may not be gone yet.
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
		_, err = client.Login(ctx, map[string]string{"name": name})
	}
	if err != nil {
		return nil, err
	}
	room, err := client.Join(ctx, roomName, nil)
	if err == nil {
		log.Printf("in %s with %d others", roomName, len(room.Users())-1)
	}
	return room, err
}

// answer answers who talks to the bot.
func answer(ctx context.Context, room *hotroom.Room, message hotroom.Message) error {
	var line struct{ From, Text string }
	if message.Type != "said" || message.Decode(&line) != nil || !strings.HasPrefix(line.Text, name+",") {
		return nil
	}
	return room.Send(ctx, "say", map[string]string{"text": "At your service, " + line.From + "."})
}
