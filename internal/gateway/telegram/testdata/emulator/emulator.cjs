// Starts the emulator on a free port, says where, and ends when nobody reads from it any more.
const net = require('node:net');
const TelegramServer = require('telegram-test-api');

const finder = net.createServer();
finder.listen(0, '127.0.0.1', () => {
  const { port } = finder.address();
  finder.close(async () => {
    const server = new TelegramServer({ host: '127.0.0.1', port, storeTimeout: 600 });
    await server.start();
    console.log(server.config.apiURL);
  });
});
process.stdin.on('end', () => process.exit(0)).resume();
