package io.pagewire.daemon.directory;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/**
 * A ZooKeeper client that writes whatever a test wants.
 *
 * <p>Used by one thread.
 */
final class RawZooKeeper implements AutoCloseable {
    private static final List<ACL> ANYBODY =
            Collections.singletonList(new ACL(ZooDefs.Perms.ALL, new Id("world", "anyone")));

    private final ZooKeeper zk;

    RawZooKeeper(String servers) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        zk = new ZooKeeper(servers, 5000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        if (!connected.await(5, TimeUnit.MINUTES)) {
            throw new AssertionError("no connection to " + servers);
        }
    }

    void create(String path, byte[] data) throws Exception {
        zk.create(path, data, ANYBODY, CreateMode.PERSISTENT);
    }

    void create(String path, String data) throws Exception {
        create(path, data.getBytes(StandardCharsets.UTF_8));
    }

    /** Many nodes in a few transactions. */
    void create(Map<String, byte[]> nodes) throws Exception {
        List<Op> batch = new ArrayList<>();
        for (Map.Entry<String, byte[]> node : nodes.entrySet()) {
            batch.add(Op.create(node.getKey(), node.getValue(), ANYBODY, CreateMode.PERSISTENT));
            if (batch.size() == 200) {
                zk.multi(batch);
                batch.clear();
            }
        }
        zk.multi(batch);
    }

    void createEphemeral(String path) throws Exception {
        zk.create(path, new byte[0], ANYBODY, CreateMode.EPHEMERAL);
    }

    void set(String path, String data) throws Exception {
        zk.setData(path, data.getBytes(StandardCharsets.UTF_8), -1);
    }

    String get(String path) throws Exception {
        return new String(zk.getData(path, false, null), StandardCharsets.UTF_8);
    }

    void delete(String path) throws Exception {
        zk.delete(path, -1);
    }

    List<String> children(String path) throws Exception {
        return zk.getChildren(path, false);
    }

    boolean exists(String path) throws Exception {
        return zk.exists(path, false) != null;
    }

    @Override
    public void close() {
        try {
            zk.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
