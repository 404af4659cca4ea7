import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * A Neo4j Community server with a Bolt port on 127.0.0.1 and nothing else, run from source by src/servers/local-neo4j.ts:
 *
 *   java -cp '<lib>/*' Neo4jServer.java <dataDir> <port> [key=value ...]
 *   java -cp '<lib>/*' Neo4jServer.java train <dataDir>
 *
 * The second form starts, runs a few statements and ends: scripts/setup.mjs archives the classes that this loads.
 *
 * Prints "READY <port>" once Bolt answers. Ends when its standard input does: the parent holds a pipe open, so the server
 * cannot outlive it, even after a SIGKILL. NEO4J_LOCAL_PASSWORD (environment, since arguments are public) sets the
 * password of the user neo4j; without it there is no authentication.
 */
public class Neo4jServer {
    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Neo4jServer.java <dataDir> <port> [key=value ...]");
            System.exit(2);
        }
        if (args[0].equals("train")) {
            train(Path.of(args[1]).toAbsolutePath());
            return;
        }
        Path dataDirectory = Path.of(args[0]).toAbsolutePath();
        String port = args[1];
        String password = System.getenv("NEO4J_LOCAL_PASSWORD");
        boolean authenticated = password != null && !password.isEmpty();

        // before the database starts: a parent that dies during the start-up must not leave it behind either
        endWithStandardInput();

        DatabaseManagementService service;
        try {
            service = new DatabaseManagementServiceBuilder(dataDirectory)
                    .loadPropertiesFromFile(writeConfiguration(dataDirectory, settings(args, port, authenticated)))
                    .build();
            Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
            if (!((GraphDatabaseAPI) service.database("neo4j")).isAvailable(60_000)) {
                throw new IllegalStateException("the database did not become available within 60 s");
            }
            if (authenticated) setPassword(service, password);
        } catch (Throwable error) {
            System.err.println("FAILED " + chain(error));
            Runtime.getRuntime().halt(1); // half-started services may hold threads that keep exit() waiting
            return;
        }
        System.out.println("READY " + port);
        System.out.flush();
        Thread.currentThread().join();
    }

    /** Of every kind of statement that Stemma runs, so that their classes are loaded. */
    private static void train(Path dataDirectory) throws IOException {
        DatabaseManagementService service = new DatabaseManagementServiceBuilder(dataDirectory)
                .loadPropertiesFromFile(writeConfiguration(dataDirectory, settings(new String[] {"", ""}, "0", false)))
                .build();
        GraphDatabaseService database = service.database("neo4j");
        for (String statement : new String[] {
            "CREATE CONSTRAINT IF NOT EXISTS FOR (n:A) REQUIRE n.key IS UNIQUE",
            "CREATE INDEX IF NOT EXISTS FOR (n:A) ON (n.x, n.y)",
            "CREATE FULLTEXT INDEX names IF NOT EXISTS FOR (n:A|B) ON EACH [n.name]",
            "CALL db.awaitIndexes(60)",
            "UNWIND $rows AS row MERGE (n:A {key: row.k}) ON CREATE SET n.x = 1 "
                + "FOREACH (p IN CASE WHEN coalesce(n.v, '') < row.v THEN [row.p] ELSE [] END | SET n += p, n.v = row.v)",
            "UNWIND $rows AS row MATCH (a:A {key: row.k}) MERGE (b:B {key: row.v}) WITH a, b, row "
                + "OPTIONAL MATCH (a)-[r:R {claim: row.k}]->(b) FOREACH (_ IN CASE WHEN r IS NULL THEN [1] ELSE [] END | "
                + "CREATE (a)-[:R {claim: row.k, validFrom: 1}]->(b)) RETURN count(*) AS n",
            "MATCH (a:A) WHERE a.x = 1 AND a.y >= 0 RETURN a.x ORDER BY a.x, a.y LIMIT 1",
            "MATCH p = (a:A {key: 'a'})-[:R*1..5]->(b) WHERE all(r IN relationships(p) WHERE r.validFrom <= 1 AND r.endValid IS NULL) "
                + "CALL (b) { MATCH (b)<-[r]-(c) RETURN c UNION OPTIONAL MATCH (c:B) WHERE c.key STARTS WITH 'x' RETURN c } "
                + "WITH collect(DISTINCT id(c)) AS ids, max([size(b.key), id(b)]) AS m UNWIND ids AS i "
                + "MATCH (n) WHERE id(n) = i RETURN id(n) AS id, labels(n)[0] AS label, properties(n) AS p, "
                + "[x IN range(0, 9) WHERE x % 2 = 0 | toString(x)] AS list, EXISTS { (n)-[:R]->() } AS linked",
            "CALL db.index.fulltext.queryNodes('names', 'x*') YIELD node, score RETURN node.key, score LIMIT 5",
            "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 100 ROWS",
        }) {
            database.executeTransactionally(
                    statement,
                    Map.of("rows", List.of(Map.of("k", "a", "v", "b", "p", Map.of("name", "x")))),
                    result -> result.stream().count());
        }
        service.shutdown();
    }

    private static Map<String, String> settings(String[] args, String port, boolean authenticated) {
        Map<String, String> settings = new HashMap<>();
        settings.put("server.bolt.enabled", "true");
        settings.put("server.bolt.listen_address", "127.0.0.1:" + port);
        settings.put("server.bolt.advertised_address", "127.0.0.1:" + port);
        settings.put("server.http.enabled", "false");
        settings.put("server.https.enabled", "false");
        settings.put("dbms.security.auth_enabled", String.valueOf(authenticated));
        settings.put("dbms.usage_report.enabled", "false"); // a local server has no business phoning home
        settings.put("server.memory.pagecache.size", "512m");
        settings.put("db.memory.transaction.max", "512m");
        settings.put("db.tx_log.rotation.retention_policy", "1 days 512M");
        settings.put("db.logs.query.enabled", "INFO");
        settings.put("db.logs.query.threshold", "1s"); // only what is slow
        // the stores are closed by then; the default waits two idle times of 5 s for connections that cannot come
        settings.put("internal.dbms.bolt.netty_server_shutdown_quiet_period", "0");
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("setting " + args[i] + " is not key=value");
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        return settings;
    }

    /** Through a file, since the builder takes settings by their textual names from nowhere else. */
    private static Path writeConfiguration(Path dataDirectory, Map<String, String> settings) throws IOException {
        Files.createDirectories(dataDirectory);
        String text = settings.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"));
        return Files.writeString(dataDirectory.resolve("neo4j.conf"), text);
    }

    /**
     * The embedded API is not subject to authentication, so the former password need not be known. Replaced and not altered,
     * since ALTER USER refuses the password that is already set.
     */
    private static void setPassword(DatabaseManagementService service, String password) {
        service.database("system").executeTransactionally(
                "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
    }

    private static void endWithStandardInput() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() != -1) { /* nothing is ever said; only the end matters */ }
            } catch (IOException broken) {
                // a broken pipe is an end as well
            }
            System.exit(0);
        });
        watcher.setDaemon(true);
        watcher.start();
    }

    private static String chain(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (text.length() > 0) text.append(" <- ");
            text.append(cause.getClass().getSimpleName()).append(": ").append(cause.getMessage());
            for (Throwable other : cause.getSuppressed()) text.append(" (").append(other.getMessage()).append(")");
        }
        return text.toString().replaceAll("\\s+", " ");
    }
}
