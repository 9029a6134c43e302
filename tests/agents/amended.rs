//! An amendment that is put where the contract was: agents take it without a restart, and go on above its numbers.

use crate::process::{self, Told, agents, host};
use crate::world::{HOSPITALS, INSTITUTE, World};
use rand_core::Rng as _;
use sealroom::{Contract, ContractFile, WantedRun, random};
use sealroom_protocol::contract::{Amends, CarriedHead, write};

#[test]
fn an_amendment_in_the_place_of_its_predecessor_is_taken_and_whatever_else_lies_there_is_not() {
    let world = World::new(1, 2);
    let _host = host(&world);
    world.upload();
    let mut agents = agents(&world, Told { approve: "never", more: "" });
    let (client, institute, agreed) = (world.host(), world.identity(INSTITUTE), &world.agreed[0]);
    let run = |signed, run| {
        let room = client.room(&client.open_room(signed, institute).unwrap().room);
        let wanted = WantedRun { run: Some(run), datasets: agreed.datasets.clone(), request: None, receipts: vec![] };
        drop(room.propose(&wanted, institute).unwrap());
        process::until("the run is over", || room.status().unwrap().receipt)
    };
    let receipt = run(&agreed.signed, 1);
    // Something that is no amendment changes nothing, and is shown.
    let good = std::fs::read(&agreed.file).unwrap();
    std::fs::write(&agreed.file, &good[..good.len() / 2]).unwrap();
    for agent in &agents {
        process::until("it warns", || agent.shown()["contracts"][0]["warnings"][0].is_string().then_some(()));
        assert_eq!(agent.shown()["contracts"][0]["id"], agreed.contract().id().to_string());
    }
    let mut terms = agreed.contract().terms().clone();
    random().fill_bytes(&mut terms.random);
    let counts = HOSPITALS.map(|(name, _)| (name, 1));
    let mut amends = Amends::new(agreed.contract(), 1, &counts);
    amends.head = Some(CarriedHead { run: 1, receipt });
    terms.amends = Some(amends);
    terms.limits.runs = 3;
    let mut file = ContractFile::new(Contract::parse(write(&terms).as_bytes()).unwrap());
    world.identities().iter().for_each(|identity| file.sign(identity).unwrap());
    let next = file.complete().unwrap();
    file.save(&agreed.file).unwrap();
    // One agent notices it running, another at its start: it is killed in between.
    agents[1].served.kill();
    agents[1].served.start_again();
    for agent in &agents {
        process::until("it took the amendment", || {
            let shown = agent.shown()["contracts"][0].clone();
            (shown["id"] == next.contract().id().to_string() && shown["runs"]["counted"] == 1).then_some(())
        });
    }
    let _ = run(&next, 2);
    drop(agents);
    for (name, _) in HOSPITALS {
        let memory = world.memory(name);
        let state = memory.state(next.contract()).unwrap();
        assert_eq!((state.count, state.limit, state.grants.len()), (2, 3, 1), "{name}");
        assert_eq!(memory.state(agreed.contract()).unwrap().amended_by, Some(next.contract().id()));
    }
}
