package hotroom

import (
	"sync"

	"hotroom/client/internal/wire"
)

// places are the rooms that a client is in or watches, and its user.
type places struct {
	client *Client

	mu    sync.Mutex
	user  User
	rooms map[place]*Room
}

// place is what a client has to do with a room: its user is a member, or it watches.
type place struct {
	room     string
	watching bool
}

// enter returns the room of a place that a reply has opened.
func (p *places) enter(at place, entered wire.Members) *Room {
	p.mu.Lock()
	defer p.mu.Unlock()
	room := p.put(at, entered)
	room.data = entered.Data
	return room
}

// put returns the room of a place, with the members that a reply lists; the lock is held.
func (p *places) put(at place, listed wire.Members) *Room {
	room := p.rooms[at]
	if room == nil {
		room = &Room{client: p.client, name: at.room, kind: listed.Type, watching: at.watching}
		p.rooms[at] = room
	}
	room.users = room.users[:0:0]
	for _, each := range listed.Users {
		room.users = append(room.users, userOf(each))
	}
	// Of its own join nobody is told, also not who watches the room.
	if own, watched := room.find(p.user), p.rooms[place{at.room, true}]; own != nil && watched != nil && watched.find(*own) == nil {
		watched.users = append(watched.users, *own)
	}
	return room
}

// end ends a room for the client.
func (p *places) end(room *Room) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close(room)
}

// endWatching ends a room that is watched; a member stays one.
func (p *places) endWatching(name string) {
	p.at(name, func(room *Room) {
		if room.watching {
			p.close(room)
		}
	})
}

// close ends a room; the lock is held.
func (p *places) close(room *Room) {
	at := place{room.name, room.watching}
	if p.rooms[at] == room {
		delete(p.rooms, at)
	}
	room.ended, room.users = true, nil
	if watched := p.rooms[place{room.name, true}]; watched != nil && !room.watching {
		watched.remove(p.user)
	}
}

// endAll ends all rooms: there is no user any more.
func (p *places) endAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, room := range p.rooms {
		p.close(room)
	}
	p.user = User{}
}

// welcome takes what a reply says of the user and its rooms, if anything: those that it does not list have ended.
func (p *places) welcome(welcome wire.Welcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = userOf(welcome.User)
	listed := map[place]bool{}
	for _, each := range welcome.Rooms {
		if each.Watching {
			listed[place{each.Room, true}] = true
		}
		for _, user := range each.Users {
			if user.ID == p.user.ID {
				listed[place{each.Room, false}] = true
			}
		}
		for _, at := range []place{{each.Room, false}, {each.Room, true}} {
			if listed[at] {
				p.put(at, each)
			}
		}
	}
	for at, room := range p.rooms {
		if !listed[at] {
			p.close(room)
		}
	}
}

// at calls change for the client's places in a room.
func (p *places) at(name string, change func(room *Room)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, at := range []place{{name, false}, {name, true}} {
		if room := p.rooms[at]; room != nil {
			change(room)
		}
	}
}

// joined adds a member, who may be known already from a list that is newer than what is told.
func (p *places) joined(name string, user User) {
	p.at(name, func(room *Room) {
		if room.find(user) == nil {
			room.users = append(room.users, user)
		}
	})
}

// left takes a member out; the client's own place ends.
func (p *places) left(name string, user User) {
	p.at(name, func(room *Room) {
		if user.ID == p.user.ID && !room.watching {
			p.close(room)
			return
		}
		room.remove(user)
	})
}

// connected notes whether a member is connected.
func (p *places) connected(name string, user User) {
	p.at(name, func(room *Room) {
		if known := room.find(user); known != nil {
			known.Connected = user.Connected
		}
	})
}

// find returns the member with the id of a user; the client's lock is held.
func (r *Room) find(user User) *User {
	for index := range r.users {
		if r.users[index].ID == user.ID {
			return &r.users[index]
		}
	}
	return nil
}

// remove takes a member out, if it is one; the client's lock is held.
func (r *Room) remove(user User) {
	for index, each := range r.users {
		if each.ID == user.ID {
			r.users = append(r.users[:index:index], r.users[index+1:]...)
			return
		}
	}
}

func userOf(user wire.User) User {
	return User{user.ID, user.Name, user.Connected == nil || *user.Connected}
}
