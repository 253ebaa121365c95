// Press presses the button of README.md, and tells who else does:
//
//	go run ./examples/press ws://127.0.0.1:8080/ws/button
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	hotroom "hotroom/client"
)

func main() {
	ctx := context.Background()
	client, err := hotroom.Dial(ctx, os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	events := client.Events() // From here on they are kept, to be read.

	if _, err := client.Login(ctx, map[string]string{"name": "ann"}); err != nil {
		log.Fatal(err)
	}
	room, err := client.Join(ctx, "lobby", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := room.Request(ctx, "press", nil, nil); err != nil {
		log.Fatal(err)
	}
	for event := range events {
		if message, ok := event.(hotroom.Message); ok && message.Type == "pressed" {
			var pressed struct {
				Times int
				By    string
			}
			if err := message.Decode(&pressed); err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s has pressed it, %d in all\n", pressed.By, pressed.Times)
			return
		}
	}
	log.Fatal(client.Err())
}
