import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

/**
 * Reads texts of zoo.cfg, each a line of base64, and says of each in a line, if the first
 * argument is "read", what Properties read (keys and values in base64, in the order of the
 * keys), otherwise how QuorumPeerConfig ends ("started", or the reasons). The second argument
 * is a folder to work in.
 */
public final class ZooConfigs {
    private static final Base64.Encoder ENCODER = Base64.getEncoder();

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[1], "zoo.cfg");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            byte[] text = Base64.getDecoder().decode(line);
            if (args[0].equals("read")) {
                System.out.println(read(text));
                continue;
            }
            Files.write(file, text);
            System.out.println(start(file.toString()));
        }
    }

    private static String read(byte[] text) {
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(text));
        } catch (Exception e) {
            return "refused";
        }
        StringBuilder said = new StringBuilder();
        for (Map.Entry<Object, Object> e : new TreeMap<>(properties).entrySet()) {
            said.append(encode(e.getKey())).append(':').append(encode(e.getValue())).append(' ');
        }
        return said.toString();
    }

    /** The text in base64 of UTF-8, with half a pair of surrogates as the replacement character. */
    private static String encode(Object text) {
        StringBuilder whole = new StringBuilder();
        text.toString().codePoints().forEach(c ->
            whole.appendCodePoint(c >= 0xd800 && c <= 0xdfff ? 0xfffd : c));
        return ENCODER.encodeToString(whole.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String start(String path) {
        QuorumPeerConfig.setStandaloneEnabled(true);
        QuorumPeerConfig.setReconfigEnabled(false);
        StringBuilder said = new StringBuilder();
        try {
            new QuorumPeerConfig().parse(path);
            said.append("started");
        } catch (Throwable e) {
            for (Throwable t = e; t != null; t = t.getCause()) {
                said.append(t.getClass().getSimpleName()).append(": ").append(t.getMessage()).append("; ");
            }
        }
        System.getProperties().keySet().removeIf(k -> k.toString().startsWith("zookeeper."));
        return said.toString().replaceAll("\\s+", " ");
    }
}
