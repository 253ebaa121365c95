package main

import (
	"fmt"
	"math/rand"
	"time"
)

// plan is how the crowd behaves; times are ms, in the mean, but for Away, which is the longest absence.
type plan struct {
	URL                                    string
	Clients, Rooms, Seed, Pace, Stay, Away int
}

func (p plan) pace() time.Duration    { return time.Duration(p.Pace) * time.Millisecond }
func (p plan) stay() time.Duration    { return time.Duration(p.Stay) * time.Millisecond }
func (p plan) longest() time.Duration { return time.Duration(p.Away) * time.Millisecond }

// home is the room of the client with a number.
func (p plan) home(number int) string { return fmt.Sprint("home ", number%p.Rooms) }

// side is a room that is made and closes again.
func (p plan) side(number int) string { return fmt.Sprint("side ", number%((p.Rooms+1)/2)) }

// neighbour is the name of somebody at home in the same room.
func (p plan) neighbour(number int, random *rand.Rand) string {
	first := number % p.Rooms
	return nameOf(first + p.Rooms*random.Intn((p.Clients-first+p.Rooms-1)/p.Rooms))
}

func nameOf(number int) string { return fmt.Sprint("client ", number) }
