/** Where the WebSocket is. */
export const CHAT_SOCKET_PATH = '/v1/chat/ws';
