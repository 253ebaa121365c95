/** Numbers of its events; 3 (join app) is in its table but neither sent nor handled. */
export const EventType = {
  connection: 1,
  disconnection: 2,
  joinRoom: 4,
  leaveRoom: 5,
  login: 6,
  logout: 7,
  reconnect: 8,
  subscribe: 9,
  unsubscribe: 10,
  message: 11,
  roomAdd: 12,
  roomRemove: 13,
} as const;
